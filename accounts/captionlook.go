package accounts

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// CaptionLook is how a reader likes captions to look, the same on each device
// they are signed in on.
type CaptionLook struct {
	Size     int    `json:"size" minimum:"75" maximum:"300" doc:"of the text, in percent of the page's"`
	Family   string `json:"family" enum:"system,inter,atkinson,dyslexic,mono"`
	Ink      string `json:"ink" pattern:"^(#[0-9a-f]{6})?$" doc:"colour of the text; empty: the page's"`
	Ground   string `json:"ground" pattern:"^(#[0-9a-f]{6})?$" doc:"colour behind it; empty: the page's"`
	Opacity  int    `json:"opacity" minimum:"0" maximum:"100" doc:"of the ground, in percent"`
	Edge     string `json:"edge" enum:"none,outline,shadow,raised" doc:"of the letters"`
	Spacing  int    `json:"spacing" minimum:"100" maximum:"250" doc:"height of a line, in percent of the text's size"`
	Width    int    `json:"width" minimum:"30" maximum:"100" doc:"in percent of the place there is"`
	Position string `json:"position" enum:"page,top,bottom" doc:"among the panels, or fixed at an edge of the window"`
	Lines    int    `json:"lines" minimum:"1" maximum:"30" doc:"seen at once"`
	Aloud    bool   `json:"aloud" doc:"finished lines are handed to the screen reader"`
}

// CaptionLook returns how the account likes captions to look; chosen is false
// as long as it never said.
func (s *Service) CaptionLook(ctx context.Context, account uuid.UUID) (look CaptionLook, chosen bool, err error) {
	var kept *CaptionLook
	if err := s.pool.QueryRow(ctx, `select caption_look from accounts where id = $1`, account).Scan(&kept); err != nil {
		return look, false, fmt.Errorf("read caption look: %w", err)
	}
	if kept == nil {
		return look, false, nil
	}
	return *kept, true, nil
}

// SetCaptionLook keeps how the account likes captions to look.
func (s *Service) SetCaptionLook(ctx context.Context, account uuid.UUID, look CaptionLook) error {
	if _, err := s.pool.Exec(ctx, `update accounts set caption_look = $2 where id = $1`, account, look); err != nil {
		return fmt.Errorf("keep caption look: %w", err)
	}
	return nil
}
