package listener

import (
	"strings"
	"sync"
	"testing"

	"salon/captions/speech/score"
	"salon/captions/speech/speechtest"
)

// maxErrors is the part of the words that may be wrong, in percent.
const maxErrors = 25.0

// Sixty-one sentences go the whole way, spoken by two people at once: Opus at
// 24 kbit/s, the real media server, the ear, a pipeline each, the engine.
func TestWordErrorRateInARoom(t *testing.T) {
	s := newStage(t)
	all := speechtest.All(t)
	names := []string{"ana", "ben"}
	scripts, said := map[string][]string{}, map[string][]string{}
	sentences := 0
	for i := 0; i < len(all); i += 4 {
		who := names[sentences%len(names)]
		scripts[who] = append(scripts[who], all[i].Name)
		said[who] = append(said[who], all[i].Text)
		sentences++
	}
	var speaking sync.WaitGroup
	for who, script_ := range scripts {
		voice, packets := s.enter(who), speechtest.Packets(t, script(t, script_))
		speaking.Go(func() {
			voice.say(packets)
			voice.room.Disconnect()
		})
	}
	speaking.Wait()
	for range names {
		await(t, s.gone, "end of a voice")
	}
	words, wrong := 0, 0
	for who, texts := range said {
		text := strings.Join(texts, " ")
		words, wrong = words+len(strings.Fields(text)), wrong+score.Errors(text, s.said(who))
	}
	rate := 100 * float64(wrong) / float64(words)
	t.Logf("%d sentences, %d words, %d wrong", sentences, words, wrong)
	t.Logf("figure captions.room_wer_percent %.1f", rate)
	if rate > maxErrors || sentences != 61 {
		t.Errorf("%.1f %% of the words of %d sentences are wrong, want at most %.0f of 61", rate, sentences, maxErrors)
	}
}
