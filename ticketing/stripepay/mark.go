package stripepay

import "github.com/google/uuid"

// The metadata of what we make.
const (
	markKey   = "salon"
	orderKey  = "order"
	offerKey  = "offer"
	buyerKey  = "buyer"
	refundKey = "refund"
	hostKey   = "host"
)

// marked is metadata that bears our mark.
func (c *Client) marked(pairs map[string]uuid.UUID) map[string]string {
	all := map[string]string{markKey: c.config.Mark}
	for key, id := range pairs {
		all[key] = id.String()
	}
	return all
}

// id reads an id from metadata: uuid.Nil where it does not bear our mark.
func (c *Client) id(metadata map[string]string, key string) uuid.UUID {
	if metadata[markKey] != c.config.Mark {
		return uuid.Nil
	}
	id, err := uuid.Parse(metadata[key])
	if err != nil {
		return uuid.Nil
	}
	return id
}
