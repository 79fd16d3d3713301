package main

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"salon/captions"
)

// metrics shows the figures of this process in the text format of Prometheus.
// The registry is ours: the media server's library fills the default one.
func (h *house) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		captionMetrics{&h.captions},
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry})
}

// captionMetrics are the figures of the captions, of all rooms together: a
// room of its own has its own in the host's panel.
type captionMetrics struct{ now *captionsNow }

// figure is one number that is read off the health of the captions.
type figure struct {
	description *prometheus.Desc
	kind        prometheus.ValueType
	of          func(captions.Health) float64
}

func captionFigure(name, help string, kind prometheus.ValueType, of func(captions.Health) float64) figure {
	return figure{captionDescription(name, help), kind, of}
}

func captionDescription(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("salon_captions_"+name, help, labels, nil)
}

var captionFigures = []figure{
	captionFigure("voices", "Voices that speak now.", prometheus.GaugeValue, func(h captions.Health) float64 { return float64(h.Voices) }),
	captionFigure("voices_left_out", "Of them, those which are not captioned because the server does not keep up.", prometheus.GaugeValue, func(h captions.Health) float64 { return float64(h.LeftOut) }),
	captionFigure("backlog_seconds", "The most sound of one voice that waits to be recognised.", prometheus.GaugeValue, func(h captions.Health) float64 { return h.Backlog.Seconds() }),
	captionFigure("late_seconds", "By how much words come late now, at worst.", prometheus.GaugeValue, func(h captions.Health) float64 { return h.Late.Seconds() }),
	captionFigure("real_time_factor", "Computing time of one core for each second of sound, of about the last ten seconds of sound; 0 before any.", prometheus.GaugeValue, func(h captions.Health) float64 { return h.RealTime }),
	captionFigure("speech_seconds_total", "Sound that was no silence, of all voices.", prometheus.CounterValue, func(h captions.Health) float64 { return h.Loud.Seconds() }),
	captionFigure("missed_seconds_total", "Of the speech, what no engine recognised.", prometheus.CounterValue, func(h captions.Health) float64 { return h.Missed.Seconds() }),
	captionFigure("dropped_seconds_total", "Sound of any kind that was lost because nobody had time for it.", prometheus.CounterValue, func(h captions.Health) float64 { return h.Dropped.Seconds() }),
	captionFigure("recognised_seconds_total", "Sound that engines have taken.", prometheus.CounterValue, func(h captions.Health) float64 { return h.Sound.Seconds() }),
	captionFigure("computing_seconds_total", "Computing time of engines for it.", prometheus.CounterValue, func(h captions.Health) float64 { return h.Computing.Seconds() }),
}

var (
	degreeDescription = captionDescription("degree", "What captions do without now: 0 nothing, 1 frequent updates, 2 guesses, 3 some voices.")
	engineDescription = captionDescription("engine_info", "1 for each language that is captioned, with what recognises it.", "language", "engine", "model")
	linesDescription  = captionDescription("line_delay_seconds", "From the end of a line's last word until the line was kept; quantiles of the latest 256.")
	shownDescription  = captionDescription("guess_age_seconds", "Age of the sound behind a guess when readers were shown it; quantiles of the latest 256.")
)

// Describe implements prometheus.Collector.
func (c captionMetrics) Describe(to chan<- *prometheus.Desc) {
	for _, f := range captionFigures {
		to <- f.description
	}
	for _, d := range []*prometheus.Desc{degreeDescription, engineDescription, linesDescription, shownDescription} {
		to <- d
	}
}

// Collect implements prometheus.Collector. There is nothing while nobody
// captions in this process.
func (c captionMetrics) Collect(to chan<- prometheus.Metric) {
	worker := c.now.get()
	if worker == nil {
		return
	}
	health := worker.Health()
	for _, f := range captionFigures {
		to <- prometheus.MustNewConstMetric(f.description, f.kind, f.of(health))
	}
	to <- prometheus.MustNewConstMetric(degreeDescription, prometheus.GaugeValue, float64(worker.Degree()))
	for _, info := range worker.Running() {
		for _, language := range info.Languages {
			to <- prometheus.MustNewConstMetric(engineDescription, prometheus.GaugeValue, 1, language, info.Engine, info.Model)
		}
	}
	to <- summary(linesDescription, health.Lines)
	to <- summary(shownDescription, health.Shown)
}

func summary(of *prometheus.Desc, d captions.Delays) prometheus.Metric {
	quantiles := map[float64]float64{}
	for quantile, value := range map[float64]time.Duration{0.5: d.P50, 0.95: d.P95} {
		if d.Count > 0 {
			quantiles[quantile] = value.Seconds()
		}
	}
	return prometheus.MustNewConstSummary(of, uint64(d.Count), d.Sum.Seconds(), quantiles)
}
