import { m } from '../../i18n/paraglide/messages.js'

const words: Record<string, () => string> = {
  approve: m.did_approve,
  'decline-hand': m.did_decline_hand,
  'show-question': m.did_show_question,
  invite: m.did_invite,
  uninvite: m.did_uninvite,
  'pull-down': m.did_pull_down,
  mute: m.did_mute,
  'hard-mute': m.did_hard_mute,
  unmute: m.did_unmute,
  remove: m.did_remove,
  ban: m.did_ban,
  unban: m.did_unban,
  'make-cohost': m.did_make_cohost,
  'drop-cohost': m.did_drop_cohost,
  'hand-over': m.did_hand_over,
  'mute-all': m.did_mute_all,
  'lower-all': m.did_lower_all,
  panic: m.did_panic,
  'remove-recent': m.did_remove_recent,
  withdraw: m.did_withdraw,
  'change-rules': m.did_change_rules,
  list: m.did_list,
  'name-heir': m.did_name_heir,
  'name-captioner': m.did_name_captioner,
  end: m.did_end,
  'work-reports': m.did_work_reports,
  suspend: m.did_suspend,
  unsuspend: m.did_unsuspend,
}

/** A use of a power, in words; one that this page does not know yet, by its name. */
export const actionWords = (action: string) => words[action]?.() ?? action
