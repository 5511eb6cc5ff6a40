module github.com/maypok86/otter

go 1.24
