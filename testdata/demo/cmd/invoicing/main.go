// Command invoicing serves invoices over HTTP.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"example.com/invoicing/internal/cache"
	"example.com/invoicing/internal/invoicing"
	"example.com/invoicing/internal/tenant"
)

func main() {
	pool, err := pgxpool.New(context.Background(), os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	service := invoicing.New(pool, cache.New(redis.NewClient(&redis.Options{Addr: os.Getenv("REDIS_ADDR")})))

	http.HandleFunc("GET /invoices/{number}", func(w http.ResponseWriter, r *http.Request) {
		// The gateway in front has verified the token and passes its tenant on.
		tenantID, err := uuid.Parse(r.Header.Get("X-Verified-Tenant"))
		if err != nil {
			http.Error(w, "no tenant", http.StatusUnauthorized)
			return
		}
		page, err := service.Page(tenant.NewContext(r.Context(), tenantID), r.PathValue("number"))
		if err != nil {
			http.Error(w, "not found", http.StatusNotFound)
			return
		}
		w.Write([]byte(page))
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", nil))
}
