-- Accounts made from an address alone, to buy a ticket, and who may sell.

alter table mail_tokens
  drop constraint mail_tokens_purpose_known,
  add constraint mail_tokens_purpose_known check (purpose in ('verify', 'reset', 'magic', 'light'));
comment on column mail_tokens.purpose is 'light: signs in to an account that was made from the address alone';

alter table gate_rules
  add column gate text not null default 'host' constraint gate_rules_gate_known check (gate in ('host', 'sell')),
  add column every boolean not null default false;
comment on table gate_rules is 'Who may host, and who may sell seats. Append-only; the newest row of a gate holds.';
comment on column gate_rules.every is 'each path is needed; else one is enough';

alter table gate_decisions
  drop constraint gate_decisions_purpose_known,
  add constraint gate_decisions_purpose_known check (purpose in ('host', 'vouch', 'sell'));

---- create above / drop below ----

delete from gate_decisions where purpose = 'sell';
alter table gate_decisions
  drop constraint gate_decisions_purpose_known,
  add constraint gate_decisions_purpose_known check (purpose in ('host', 'vouch'));
delete from gate_rules where gate = 'sell';
alter table gate_rules drop column gate, drop column every;
comment on table gate_rules is 'Who may host. Append-only; the newest row holds. Paths are joined by OR.';
delete from mail_tokens where purpose = 'light';
comment on column mail_tokens.purpose is null;
alter table mail_tokens
  drop constraint mail_tokens_purpose_known,
  add constraint mail_tokens_purpose_known check (purpose in ('verify', 'reset', 'magic'));
