-- What became of attempts, by agent, model and class, and over all.
select d.dimension, d.value, d.attempts, d.accepted, d.rework, d.discarded, d.expired, d.duplicate, d.superseded, d.undecided, d.discard_rate,
  d.rework_rate, d.tokens_in + d.tokens_out as tokens, d.cost_usd, d.cost_discarded_usd
from muster_read.discard_rates d
order by d.dimension, d.attempts desc, d.value
