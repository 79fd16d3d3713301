package rooms

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Found is a line that a search found: its newest revision, under the number
// of its first, where transcripts show it.
type Found struct {
	RoomID  uuid.UUID
	Title   string
	Seq     int64
	At      time.Time
	Speaker string // name; "" when the account is gone
	Text    string
	Lang    string // BCP 47
}

// MaxFound bounds how many lines one search returns.
const MaxFound = 50

// Search finds lines with all the words, newest first, in every room whose
// words the account may read: uuid.Nil reads what is public. A room other than
// uuid.Nil is searched alone. Words in quotes must follow one another.
//
// Words match as they are, and by their stem in the languages that the index
// knows; see said_words.
func (s *Store) Search(ctx context.Context, account, room uuid.UUID, words string) ([]Found, error) {
	words = strings.ReplaceAll(words, "-", " ") // no word is left out: in one language it may be another's stem
	rows, _ := s.pool.Query(ctx, `
		with asked as (
			select websearch_to_tsquery('simple', $3) || websearch_to_tsquery('english', $3) || websearch_to_tsquery('french', $3)
			    || websearch_to_tsquery('german', $3) || websearch_to_tsquery('spanish', $3) || websearch_to_tsquery('italian', $3)
			    || websearch_to_tsquery('dutch', $3) || websearch_to_tsquery('portuguese', $3) as query
		)
		select r.id as room_id, r.title, (`+firstRevision+`) as seq, e.at, coalesce(a.display_name, '') as speaker,
		       c.body->>'text' as text, c.body->>'language' as lang
		from asked, log_contents c
		join log_entries e on e.room_id = c.room_id and e.seq = c.seq
		join rooms r on r.id = c.room_id
		left join accounts a on a.id = e.subject_id
		where c.words @@ asked.query and ($2::uuid = $4::uuid or r.id = $2)
		  and not exists (select from log_contents n where n.room_id = c.room_id and n.body ? 'segment'
		                  and n.body->>'segment' = c.body->>'segment' and n.seq > c.seq)
		  and (r.ended_at is not null and r.keep_words = 'public'
		       or (r.ended_at is null or r.keep_words = 'days') and exists (`+wasThere+`))
		order by e.at desc, c.seq desc limit $5`, account, room, words, uuid.Nil, MaxFound)
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Found])
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return found, nil
}

const firstRevision = `
	select min(f.seq) from log_contents f
	where f.room_id = c.room_id and f.body ? 'segment' and f.body->>'segment' = c.body->>'segment'`

// wasThere holds for who came into room r and may still be there, by the entry
// gates that may also turn somebody out.
const wasThere = `
	select from participants p join accounts reader on reader.id = p.account_id
	where p.room_id = r.id and p.account_id = $1::uuid and p.joined_at is not null
	  and p.banned_at is null and coalesce(p.removed_until < now(), true) and reader.suspended_at is null
	  and not exists (select from blocks b join participants h on h.account_id = b.blocker_id
	                  where h.room_id = r.id and h.role = 'host' and b.blocked_id = $1)`
