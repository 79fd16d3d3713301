// The journeys that `make test` runs, in one process, so that they share one server and one browser. Each also
// runs alone:
//   node --test journeys/NAME.mjs
import './journeys/host-speaks.mjs'
import './journeys/mic-check.mjs'
import './journeys/gate-refuses.mjs'
import './journeys/mailed-links.mjs'
import './journeys/schedule.mjs'
import './journeys/hand-to-stage.mjs'
import './journeys/pulled-down-silent.mjs'
import './journeys/sfu-killed.mjs'
import './journeys/demo-hand.mjs'
import './journeys/owner-sets-gate.mjs'
import './journeys/newcomer.mjs'
import './journeys/keyboard-only.mjs'
import './journeys/serve-starts-clean.mjs'
import './journeys/axe-clean.mjs'
