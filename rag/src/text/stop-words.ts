/** English function words: they say nothing of what a passage is about. Negations and verbs of doing are kept out of here. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about all also an and any are as at be been being both but by can could did do does each for from had has have how
  i if in into is it its itself may me might more most must my no nor not of off on once only or other our out over own
  shall should so some such than that the their them then there these they this those through to too under until up upon
  very was we were what when where which while who whom whose why will with would you your`.split(/\s+/),
);
