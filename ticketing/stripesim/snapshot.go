package stripesim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// saveEvery is how often a state that changes is saved at most.
const saveEvery = time.Second

// load takes up the state of the snapshot, or a new one.
func load(config *Config) (*state, error) {
	if config.Snapshot == "" {
		return newState(config), nil
	}
	text, err := os.ReadFile(config.Snapshot)
	if errors.Is(err, fs.ErrNotExist) {
		return newState(config), nil
	}
	if err != nil {
		return nil, err
	}
	st := &state{config: config, now: time.Now()}
	if err := json.Unmarshal(text, st); err != nil {
		return nil, fmt.Errorf("read snapshot %s: %w", config.Snapshot, err)
	}
	st.now = st.now.Add(st.Offset)
	st.wire()
	return st, nil
}

// saver saves the state after changes.
func (s *Server) saver() {
	if s.config.Snapshot == "" {
		return
	}
	for {
		select {
		case <-s.dirty:
		case <-s.ctx.Done():
			return
		}
		if err := s.save(); err != nil {
			s.config.Log.Error("simulated Stripe not saved", "error", err)
		}
		select {
		case <-time.After(saveEvery):
		case <-s.ctx.Done():
			return
		}
	}
}

// save writes the snapshot in one piece, so that a crash leaves the one before.
func (s *Server) save() error {
	if s.config.Snapshot == "" {
		return nil
	}
	s.mu.Lock()
	text, err := json.Marshal(s.state)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	fresh := s.config.Snapshot + ".new"
	if err := os.WriteFile(fresh, text, 0o600); err != nil {
		return err
	}
	if err := os.Rename(fresh, s.config.Snapshot); err != nil {
		return err
	}
	if s.config.saved != nil {
		s.config.saved()
	}
	return nil
}
