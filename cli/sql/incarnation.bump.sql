-- $1 why: every token of before is refused from here on
select muster.new_incarnation($1)
