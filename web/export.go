package web

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"time"

	"github.com/google/uuid"
)

type exportOutput struct {
	Disposition string `header:"Content-Disposition"`
	Body        struct {
		ExportedAt time.Time                    `json:"exported_at"`
		Tables     map[string][]json.RawMessage `json:"tables" doc:"rows about you, table by table"`
	}
}

func (s *Server) exportRoutes() {
	op(s, Access{Level: Session}, describe("export", http.MethodGet, "/api/me/export", "Everything held about you", "Accounts"), s.export)
}

// export gathers what every domain holds about the caller.
func (s *Server) export(ctx context.Context, _ *struct{}) (*exportOutput, error) {
	out := &exportOutput{Disposition: `attachment; filename="salon.json"`}
	out.Body.ExportedAt = time.Now().UTC()
	out.Body.Tables = map[string][]json.RawMessage{}
	for _, of := range []func(context.Context, uuid.UUID) (map[string][]json.RawMessage, error){s.Accounts.Export, s.Rooms.Export, s.Sold.Export} {
		held, err := of(ctx, viewer(ctx))
		if err != nil {
			return nil, err
		}
		maps.Copy(out.Body.Tables, held)
	}
	return out, nil
}
