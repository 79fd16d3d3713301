package main

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"salon/captions"
	"salon/captions/speech"
)

func figuresOf(h *house) string {
	w := httptest.NewRecorder()
	h.metrics().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Body.String()
}

// namedEngine is an engine as far as figures go.
type namedEngine struct{ speech.Engine }

func (namedEngine) Info() speech.Info {
	return speech.Info{Engine: "vosk", Model: "small", Languages: []string{"en"}}
}

func TestFiguresOfTheProcessAndItsCaptions(t *testing.T) {
	t.Parallel()
	h := &house{}
	if text := figuresOf(h); !strings.Contains(text, "\ngo_goroutines ") || !strings.Contains(text, "\nprocess_resident_memory_bytes ") || strings.Contains(text, "livekit") || strings.Contains(text, "salon_captions") {
		t.Errorf("without captions:\n%s", text)
	}
	engines := captions.Engines{Running: []speech.Engine{namedEngine{}}}
	h.captions.set(captions.NewWorker(engines, nil, nil, nil, slog.New(slog.DiscardHandler)))
	text := figuresOf(h)
	for _, line := range []string{
		`salon_captions_engine_info{engine="vosk",language="en",model="small"} 1`, "salon_captions_degree 0", "salon_captions_voices 0",
		"salon_captions_missed_seconds_total 0", "salon_captions_line_delay_seconds_count 0", "salon_captions_guess_age_seconds_sum 0",
		"# TYPE salon_captions_dropped_seconds_total counter", "# HELP salon_captions_backlog_seconds The most sound of one voice that waits to be recognised.",
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
}
