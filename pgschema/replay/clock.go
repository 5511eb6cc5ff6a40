package replay

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// clock is when migrations run. It stands still, so that a replay gives the same schema every day:
// a partition that a migration names by the date of its run is one of many that come and go, and
// only what it is a partition of matters.
var clock = time.Date(2000, time.January, 3, 0, 0, 0, 0, time.UTC) // a Monday

// timeValue is a date or time, whose text is that of a date.
func timeValue(t time.Time) value { return value{text: t.Format("2006-01-02"), time: t} }

// clockFunctions are the functions that give the time of the run.
var clockFunctions = wordSet("now clock_timestamp statement_timestamp transaction_timestamp current_date current_timestamp localtimestamp")

// parseTime reads a date or time as text.
func parseTime(text string) (time.Time, bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "now", "today":
		return clock, true
	case "tomorrow":
		return clock.AddDate(0, 0, 1), true
	case "yesterday":
		return clock.AddDate(0, 0, -1), true
	}
	for _, layout := range []string{"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05", "2006-01-02", "20060102", time.RFC3339} {
		if t, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// intervalPart is a number with a unit, as in '1 day'.
var intervalPart = regexp.MustCompile(`(?i)^\s*([+-]?\d+)\s*(year|month|week|day|hour|minute|second)s?\s*$`)

// addInterval adds an interval of one part.
func addInterval(t time.Time, interval string, sign int) value {
	m := intervalPart.FindStringSubmatch(interval)
	if m == nil {
		return unknown
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return unknown
	}
	n *= sign
	switch strings.ToLower(m[2]) {
	case "year":
		return timeValue(t.AddDate(n, 0, 0))
	case "month":
		return timeValue(t.AddDate(0, n, 0))
	case "week":
		return timeValue(t.AddDate(0, 0, 7*n))
	case "day":
		return timeValue(t.AddDate(0, 0, n))
	case "hour":
		return timeValue(t.Add(time.Duration(n) * time.Hour))
	case "minute":
		return timeValue(t.Add(time.Duration(n) * time.Minute))
	}
	return timeValue(t.Add(time.Duration(n) * time.Second))
}

// truncateTime is date_trunc.
func truncateTime(unit string, t time.Time) value {
	year, month, day := t.Date()
	switch strings.ToLower(unit) {
	case "year":
		return timeValue(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC))
	case "quarter":
		return timeValue(time.Date(year, month-(month-1)%3, 1, 0, 0, 0, 0, time.UTC))
	case "month":
		return timeValue(time.Date(year, month, 1, 0, 0, 0, 0, time.UTC))
	case "week":
		return timeValue(time.Date(year, month, day-(int(t.Weekday())+6)%7, 0, 0, 0, 0, time.UTC))
	case "day":
		return timeValue(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	case "hour":
		return timeValue(t.Truncate(time.Hour))
	}
	return unknown
}

// templatePatterns are the patterns of to_char that dates in names are made of (PostgreSQL manual,
// 9.8), longest first.
var templatePatterns = []struct{ pattern, layout string }{
	{"YYYY", "2006"}, {"HH24", "15"}, {"YY", "06"}, {"MM", "01"}, {"DD", "02"}, {"MI", "04"}, {"SS", "05"},
	{"yyyy", "2006"}, {"hh24", "15"}, {"yy", "06"}, {"mm", "01"}, {"dd", "02"}, {"mi", "04"}, {"ss", "05"},
}

// formatTime is to_char of a time; letters that are no known pattern make it unknown.
func formatTime(t time.Time, template string) value {
	var b strings.Builder
next:
	for template != "" {
		for _, p := range templatePatterns {
			if rest, ok := strings.CutPrefix(template, p.pattern); ok {
				b.WriteString(t.Format(p.layout))
				template = rest
				continue next
			}
		}
		if strings.HasPrefix(template, `"`) {
			if literal, rest, ok := strings.Cut(template[1:], `"`); ok {
				b.WriteString(literal)
				template = rest
				continue
			}
		}
		switch {
		case strings.HasPrefix(template, "IYYY"):
			year, _ := t.ISOWeek()
			b.WriteString(strconv.Itoa(year))
			template = template[4:]
		case strings.HasPrefix(template, "IW"):
			_, week := t.ISOWeek()
			if week < 10 {
				b.WriteByte('0')
			}
			b.WriteString(strconv.Itoa(week))
			template = template[2:]
		case strings.ContainsAny(template[:1], "_-/. :"):
			b.WriteByte(template[0])
			template = template[1:]
		default:
			return unknown
		}
	}
	return textValue(b.String())
}
