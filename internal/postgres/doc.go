// Package postgres is all the plumbing between Salon and its database: the connection
// pool with our session settings, transactions, migrations, and a private cluster for
// people who have Postgres installed but no server to point us at.
//
// A cluster lives in the data directory of Salon, listens on a unix socket only, and
// runs as another user when we are root, because Postgres refuses root.
package postgres
