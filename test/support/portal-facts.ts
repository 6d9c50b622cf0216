/** What each view of the portal must show, as the database has it, and how to find the same in the page. */
import { CHECKS } from "../../cli/src/checks/index.ts";
import { GLOSSARY } from "../../portal/view/glossary.ts";
import { KEYS } from "../../portal/view/keys.ts";
import { PLACES } from "../../portal/view/places.ts";
import { formatUsd } from "../../portal/view/rates.ts";

export interface ViewFacts {
  /** A path, or a statement that answers one as `path`. */
  readonly path: string;
  /** One row with one column, `facts`. Without it the facts do not stand in the database. */
  readonly sql?: string;
  /** What must be seen, from what the database said. */
  expected(facts: never): unknown;
  /** Run in the page; may use `all`, `words` and `digits` of PRELUDE. */
  readonly seen: string;
}

/** `all`: elements in order · `words`: text without its spacing · `digits`: a number whatever its separators. */
export const PRELUDE = `
  const all = (css, root = document) => [...root.querySelectorAll(css)];
  const words = (e) => (e?.textContent ?? '').replace(/\\s+/g, ' ').trim();
  const digits = (e) => Number((e?.textContent ?? 'x').replace(/[\\s.,\\u00a0\\u202f#]/g, ''));
`;

const same = (facts: never): unknown => facts;
const spaced = (text: string) => text.replace(/\s+/g, " ").trim();

interface Money {
  readonly usd: number;
  readonly done: number;
  readonly hosting: number | null;
  readonly build: number | null;
}
const paid = (usd: number | null) => (usd === null ? "–" : `$${formatUsd(usd)}`);

export const VIEW_FACTS: readonly ViewFacts[] = [
  {
    path: "/",
    sql: `select json_build_object('held', (select count(*) from muster_read.leases),
      'receipts', (select count(*) from muster_read.receipts)) as facts`,
    expected: same,
    seen: `({ held: all('#alive .claims > li').length, receipts: Number(words(all('[data-live=entry-Receipts] .marg p')[0]).match(/^\\d+/)[0]) })`,
  },
  {
    path: "/board",
    sql: `select json_object_agg(s.id, (select count(*) from muster_read.tasks t where t.status = s.status)) as facts
      from (values ('triage', 'triage'), ('ready', 'ready'), ('progress', 'in_progress'), ('blocked', 'blocked'), ('review', 'in_review'),
        ('done', 'done')) s (id, status)`,
    expected: same,
    seen: "Object.fromEntries(all('.kan section[aria-labelledby]').map((c) => [c.getAttribute('aria-labelledby'), digits(c.querySelector('.col-h .m'))]))",
  },
  {
    path: "/board?lanes=priority",
    sql: `select json_agg(json_build_array(priority, tasks) order by priority) as facts from (
      select priority, count(*) as tasks from muster_read.tasks where status not in ('done', 'cancelled') group by priority) p`,
    expected: same,
    seen: "all('.lane').map((l) => [words(l.querySelector('h2')), all('.card', l).length])",
  },
  {
    path: "/list",
    sql: `select json_build_object('all', (select count(*) from muster_read.tasks), 'facets', array['class', 'phase', 'status'], 'rows',
      (select json_agg(number order by number desc) from (select number from muster_read.tasks order by number desc limit 50) t)) as facts`,
    expected: ({ all, facets, rows }: { all: number; facets: readonly string[]; rows: readonly number[] }) => ({
      ...{ all, facets, rows: rows.slice(0, 20) },
    }),
    seen: `({
      all: digits(all('.showing .m').at(-1)),
      facets: all('.facets summary').map((s) => words(s).split(/[ :]/)[0].toLowerCase()).filter((w) => ['class', 'phase', 'status'].includes(w)).sort(),
      rows: all('.task-rows th .tid').map(digits).sort((a, b) => b - a).slice(0, 20),
    })`,
  },
  {
    path: "/graph",
    sql: `with recursive edges as (
        select d.depends_on as before, d.task as after from muster_read.dependencies d
        join muster_read.tasks a on a.number = d.task and a.status not in ('done', 'cancelled')
        join muster_read.tasks b on b.number = d.depends_on and b.status not in ('done', 'cancelled')),
      chains as (select after, 2 as tasks from edges union select e.after, c.tasks + 1 from chains c join edges e on e.before = c.after)
      select json_build_object('longest', coalesce((select max(tasks) from chains), 0),
        'edges', coalesce((select json_agg(before || '-' || after order by before || '-' || after) from edges), '[]')) as facts`,
    expected: same,
    seen: `({ longest: all('section[aria-labelledby=longest] li').length, edges: all('[data-edge]').map((e) => e.dataset.edge).sort() })`,
  },
  {
    path: "/timeline?range=all",
    sql: `select json_build_object('claims', count(*), 'agents', json_agg(distinct coalesce(agent, 'a person'))) as facts from muster_read.claims`,
    expected: ({ claims, agents }: { claims: number; agents: readonly string[] }) => ({
      ...{ claims, agents: agents.toSorted() },
    }),
    seen: `({ claims: all('section[aria-labelledby=same] tbody tr').length, agents: all('.tl-lab li > .m:first-child').map(words).sort() })`,
  },
  {
    path: "/events",
    sql: `select json_build_object('newest', max(id), 'all', count(*)) as facts from muster_read.events`,
    expected: same,
    seen: `({ newest: Math.max(...all('.log > li').map(({ id }) => Number(id.slice(1)))), all: digits(all('.showing .m')[1]) })`,
  },
  {
    path: "/receipts",
    sql: `select json_agg(ref || ' ' || title order by number desc) as facts from muster_read.receipts`,
    expected: (facts: readonly string[]) => facts.map(spaced),
    seen: "all('main .rcp > li').map((r) => words(r.querySelector('.tid')) + ' ' + words(r.querySelector('.r-x b')))",
  },
  {
    path: "/receipts/1",
    sql: `select json_build_object('needed', r.needed_fleet, 'walk', (
        select json_agg(json_build_array(n.name, coalesce(
          (select s ->> 'text' from jsonb_array_elements(r.steps) s where s ->> 'name' = n.name limit 1), to_jsonb(r) ->> n.name)) order by n.at)
        from unnest(array['symptom', 'board_row', 'verifier_claim', 'caught_by', 'closing_note', 'fix_commit']) with ordinality n (name, at)))
      as facts from muster_read.receipts r where r.number = 1`,
    expected: ({ needed, walk }: { needed: string; walk: readonly (readonly [string, string])[] }) => ({
      ...{ needed, walk: walk.map(([name, text]) => [name, spaced(text)]) },
    }),
    seen: "({ needed: words(all('.attr .ans')[0]).split(/[:.]/)[0].toLowerCase(), walk: all('.walk > li').map((s) => [s.id, words(s.querySelector('.wk-x, .ev'))]) })",
  },
  {
    path: `select '/tasks/' || v.task as path from muster_read.verifications v
      where exists (select from muster_read.claims c where c.task = v.task and c.tokens_in > 0) order by v.task limit 1`,
    sql: `select json_build_object(
        'epochs', (select json_agg(c.epoch order by c.epoch desc) from muster_read.claims c where c.task = t.number),
        'evidence', (select json_agg(v.evidence order by v.created_at desc, v.epoch desc) from muster_read.verifications v where v.task = t.number),
        'tokens', (select sum(coalesce(c.tokens_in, 0) + coalesce(c.tokens_out, 0)) from muster_read.claims c where c.task = t.number),
        'acceptance', (select count(*) from jsonb_array_elements(t.acceptance)), 'title', t.title) as facts
      from muster_read.tasks t where t.number = $1`,
    expected: (facts: { evidence: readonly string[]; title: string }) => ({
      ...{ ...facts, evidence: facts.evidence.map(spaced), title: spaced(facts.title) },
    }),
    seen: `({
      epochs: all('.ep .ep-n').map((e) => Number(words(e).match(/\\d+$/)[0])),
      evidence: all('.verdicts .evidence').map(words),
      tokens: digits(all('[data-live=entry-Cost] tfoot td')[0]),
      acceptance: all('[data-live=entry-Acceptance] li').length,
      title: words(all('main h1')[0]),
    })`,
  },
  {
    path: "/phases",
    sql: `select json_agg(json_build_array(h.key, h.tasks_done, h.tasks_done + h.tasks_open) order by h.key, h.tasks) as facts
      from muster_read.phases h join muster_read.projects p on p.id = h.project_id where p.status = 'active'`,
    expected: same,
    seen: "all('main table tbody tr').map((r) => [words(r.querySelector('th .m')), ...words(r.cells[2]).match(/\\d+/g).map(Number)]).sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[2] - b[2]))",
  },
  {
    path: "/releases",
    sql: `select json_agg(version order by version) as facts from muster_read.releases`,
    expected: same,
    seen: "all('main .rel .tid').map(words).sort()",
  },
  {
    path: "/agents",
    sql: `select json_agg(json_build_array(name, tasks_accepted, tasks_reworked, verdicts) order by name) as facts from muster_read.agents`,
    expected: same,
    seen: "all('.roster > li').map((a) => [a.querySelector('h3').firstChild.textContent.trim(), ...all('.ag-did dd', a).slice(0, 3).map(digits)]).sort((a, b) => (a[0] < b[0] ? -1 : 1))",
  },
  {
    path: "/claims",
    sql: `select json_build_object('ended', count(*) filter (where ended_at is not null), 'shown', least(200, count(*) filter (where ended_at is not null)),
      'held', (select count(*) from muster_read.leases)) as facts from muster_read.claims`,
    expected: same,
    seen: "({ ended: digits(all('.rail .kv')[1].querySelector('.total dd')), shown: all('#ended tbody tr').length, held: all('#alive .claims > li').length })",
  },
  {
    path: "/costs",
    sql: `select json_build_object('usd', (select coalesce(sum(cost_usd), 0) from muster_read.claims),
      'done', (select count(*) from muster_read.tasks where status = 'done'),
      'hosting', (select sum(cost_usd) from muster_read.usage where kind = 'hosting'),
      'build', (select sum(cost_usd) from muster_read.usage where kind = 'build')) as facts`,
    expected: ({ usd, done, hosting, build }: Money) => ({
      ...{ price: paid(usd / done), three: [paid(hosting), paid(build), paid(usd)] },
    }),
    seen: "({ price: words(all('main h1 .n-done')[0]), three: all('.three dt + dd').map(words) })",
  },
  {
    path: "/doctor",
    expected: () => ({ unknown: [], isSummed: true, isMany: true }),
    seen: `(() => {
      const rows = all('.dx > li');
      const known = ${JSON.stringify(CHECKS.map(({ id }) => id))};
      const [green, every] = words(all('main h1 .n-done')[0]).match(/\\d+/g).map(Number);
      return {
        unknown: rows.filter(({ id }) => !known.includes(id)).map(({ id }) => id),
        isSummed: every === rows.length && green === rows.filter((r) => r.matches('.d-green')).length,
        isMany: rows.length > 20 && green > 0,
      };
    })()`,
  },
  {
    path: "/memory?q=port",
    expected: () => ({ isCounted: true, empty: 0 }),
    seen: `(() => {
      const hits = all('.hits > li');
      return {
        isCounted: hits.length > 0 && Number(words(all('#answer .marg p')[0]).match(/^\\d+/)[0]) === hits.length,
        empty: hits.filter((h) => words(h.querySelector('.cite .m')) === '' || words(h.querySelector('pre')) === '').length,
      };
    })()`,
  },
  {
    path: "/help",
    expected: () => ({
      keys: KEYS.map(({ says }) => says),
      views: PLACES.map(({ word, says }) => `${word} ${says}`),
      words: GLOSSARY.map(({ word, says }) => spaced(`${word} ${says}`)),
    }),
    seen: `({
      keys: all('#keys dd').map(words).slice(0, ${KEYS.length}),
      views: all('[data-live=entry-Views] .gloss > div').map((d) => words(d.querySelector('dt')) + ' ' + words(d.querySelector('dd'))),
      words: all('[data-live=entry-Glossary] .gloss > div').map((d) => words(d.querySelector('dt')) + ' ' + words(d.querySelector('dd'))),
    })`,
  },
];
