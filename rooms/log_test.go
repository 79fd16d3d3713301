package rooms

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"salon/internal/postgres"
)

func (b *bundle) append(room uuid.UUID, entries ...NewEntry) int64 {
	b.t.Helper()
	var first int64
	err := postgres.InTx(b.ctx, b.pool, func(tx pgx.Tx) (err error) {
		first, err = AppendTx(b.ctx, tx, room, entries...)
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return first
}

func (b *bundle) log(room uuid.UUID) []LogEntry {
	b.t.Helper()
	all, err := b.Log(b.ctx, room, 0, MaxLogPage)
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

// Whoever writes at once, the numbers are dense and nothing is lost.
func TestTheLogIsDenseUnderConcurrency(t *testing.T) {
	b := setup(t)
	room := b.live(b.account("host"))
	before, err := b.LogHead(b.ctx, room.ID)
	if err != nil || before.Epoch == "" {
		t.Fatal(before, err)
	}
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			b.append(room.ID, NewEntry{Kind: KindNotice, Body: map[string]any{"text": fmt.Sprint(i, "a")}}, NewEntry{Kind: KindNotice, Body: map[string]any{"text": fmt.Sprint(i, "b")}})
		})
	}
	all.Wait()
	texts := map[string]bool{}
	for i, e := range b.log(room.ID) {
		if e.Seq != int64(i)+1 {
			t.Fatalf("entry %d has number %d", i, e.Seq)
		}
		if e.Seq <= before.Seq {
			continue
		}
		var body struct{ Text string }
		if err := json.Unmarshal(e.Body, &body); err != nil {
			t.Fatal(err)
		}
		texts[body.Text] = true
	}
	after, err := b.LogHead(b.ctx, room.ID)
	if err != nil || after.Epoch != before.Epoch || after.Seq != before.Seq+80 || len(texts) != 80 {
		t.Errorf("head %+v, %d texts, %v", after, len(texts), err)
	}
}

func TestTheLogIsAppendOnly(t *testing.T) {
	b := setup(t)
	room := b.live(b.account("host"))
	seq := b.append(room.ID, NewEntry{Kind: KindNotice, Body: map[string]any{"text": "as it was"}})
	for _, change := range []string{"seq = seq + 100", "kind = 'pin'", "at = now() - interval '1 day'"} {
		if _, err := b.pool.Exec(b.ctx, `update log_entries set `+change+` where room_id = $1 and seq = $2`, room.ID, seq); err == nil {
			t.Errorf("%s was taken", change)
		}
	}
}
