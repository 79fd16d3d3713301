-- placeholder while 003 is being written
select 1;

---- create above / drop below ----

select 1;
