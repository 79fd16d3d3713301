/** What a mail to somebody without a password at hand can bring: a new password, or the way in. */
export type Mailed = 'reset' | 'link'
