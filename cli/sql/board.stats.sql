select dimension, value, attempts, accepted, rework, discarded, expired, duplicate, superseded, undecided, discard_rate, rework_rate,
  tokens_in::text, tokens_out::text, cost_usd, cost_discarded_usd
from muster_read.discard_rates
order by array_position(array['all', 'agent', 'model', 'class'], dimension), attempts desc, value
