package vosk

import (
	"strings"
	"sync"
	"testing"
	"time"

	"salon/captions/speech"
	"salon/captions/speech/score"
	"salon/captions/speech/speechtest"
)

const chunk = speech.Rate / 10

func load(t *testing.T) *Model {
	t.Helper()
	model, err := Load(speechtest.Files(t))
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// hear returns every event of the sound, given in chunks and then flushed.
func hear(t *testing.T, r *Recognizer, pcm []int16) (events []speech.Event) {
	t.Helper()
	for len(pcm) > 0 {
		n := min(chunk, len(pcm))
		event, fresh, err := r.Accept(pcm[:n], true)
		if err != nil {
			t.Fatal(err)
		}
		if fresh {
			events = append(events, event)
		}
		pcm = pcm[n:]
	}
	return append(events, r.Flush())
}

func finals(events []speech.Event) string {
	var texts []string
	for _, e := range events {
		if e.Final {
			texts = append(texts, e.Text)
		}
	}
	return strings.Join(strings.Fields(strings.Join(texts, " ")), " ")
}

func recognize(t *testing.T, model *Model, name string) string {
	t.Helper()
	r, err := model.New()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	return finals(hear(t, r, speechtest.PCM(t, name)))
}

func TestTenSentencesToTheLetter(t *testing.T) {
	model := load(t)
	for _, name := range speechtest.Exact {
		if got, want := recognize(t, model, name), speechtest.Said(t, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// maxErrors is the part of the words that may be wrong, in percent.
const maxErrors = 25.0

func TestWordErrorRate(t *testing.T) {
	model := load(t)
	all := speechtest.All(t)
	if len(all) != 242 {
		t.Errorf("%d recordings, want 242", len(all))
	}
	words, wrong, exact, sentences := 0, 0, 0, 0
	for i := 0; i < len(all); i += 4 { // one after another: other tests need their cores
		errors := score.Errors(all[i].Text, recognize(t, model, all[i].Name))
		words, wrong, sentences = words+len(strings.Fields(all[i].Text)), wrong+errors, sentences+1
		if errors == 0 {
			exact++
		}
	}
	rate := 100 * float64(wrong) / float64(max(1, words))
	t.Logf("%d sentences, %d words, %d wrong, %d sentences exact", sentences, words, wrong, exact)
	t.Logf("figure captions.wer_percent %.1f", rate)
	if rate > maxErrors || sentences != 61 {
		t.Errorf("%.1f %% of the words of %d sentences are wrong, want at most %.0f of 61", rate, sentences, maxErrors)
	}
}

// The same sound gives the same words, whoever else is heard at the time.
func TestOneVoiceDoesNotChangeAnother(t *testing.T) {
	model := load(t)
	var all sync.WaitGroup
	heard := make([]string, 4)
	for i := range heard {
		all.Go(func() { heard[i] = recognize(t, model, "vm-tempgreetactive") })
	}
	all.Wait()
	for _, one := range heard {
		if one != heard[0] || one == "" {
			t.Errorf("%q and %q", heard[0], one)
		}
	}
}

// Times of words count from the first sample, through finals and flushes.
func TestTimesOfWords(t *testing.T) {
	model := load(t)
	r, err := model.New()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	first, second := speechtest.PCM(t, "conf-kicked"), speechtest.PCM(t, "dir-nomore")
	pause := make([]int16, 2*speech.Rate)
	hear(t, r, first)
	hear(t, r, pause)
	events := hear(t, r, second)
	began := time.Duration(len(first)+len(pause)) * time.Second / speech.Rate
	ended := began + time.Duration(len(second))*time.Second/speech.Rate
	before := began
	for _, e := range events {
		for _, w := range e.Words {
			if w.Start < before-10*time.Millisecond || w.End < w.Start || w.End > ended || w.Confidence <= 0 || w.Confidence > 1.001 {
				t.Errorf("%+v of a sentence from %v to %v", w, began, ended)
			}
			before = w.Start
		}
	}
	if before == began {
		t.Error("no words")
	}
}

func TestSilenceSaysNothing(t *testing.T) {
	model := load(t)
	r, err := model.New()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	events := hear(t, r, make([]int16, 10*speech.Rate))
	if len(events) != 1 || !events[0].Flushed || events[0].Text != "" {
		t.Errorf("%+v", events)
	}
	if _, fresh, err := r.Accept(nil, true); fresh || err != nil {
		t.Errorf("nothing is something: %v %v", fresh, err)
	}
}

func TestWhatCannotBeMadeOutIsNoWord(t *testing.T) {
	t.Parallel()
	e := parse(`{"result":[{"word":"[unk]","start":0,"end":1,"conf":1},{"word":"well","start":1.5,"end":2,"conf":0.5}],"text":"[unk] well"}`)
	if e.Text != "well" || len(e.Words) != 1 || e.Words[0] != (speech.Word{Text: "well", Start: 1500 * time.Millisecond, End: 2 * time.Second, Confidence: 0.5}) {
		t.Errorf("%+v", e)
	}
	if e := parse(`{"partial":"a b"}`); e.Text != "a b" || e.Final {
		t.Errorf("%+v", e)
	}
	if e := parse("nonsense"); e.Text != "" {
		t.Errorf("%+v", e)
	}
}
