import { readDoctorReport } from "../data/doctor.ts";
import type { InstanceTotals } from "../data/instance.ts";
import type { PageContext } from "../page-context.ts";
import { isShown } from "../shown-places.ts";
import { countVerdicts, verdictOf } from "../view/doctor.ts";
import { formatCount } from "../view/numbers.ts";
import { type NavKey, PLACES, type Place, siblings } from "../view/places.ts";

export interface NavProps {
  readonly context: PageContext;
  readonly current: NavKey | null;
  readonly instance: InstanceTotals | null;
}

async function readCounts(instance: InstanceTotals | null): Promise<Readonly<Partial<Record<string, string>>>> {
  if (instance === null) return {};
  const now = instance.server_now;
  const report = await readDoctorReport(now);
  const doctor = report === null ? null : countVerdicts(report.checks.map((check) => verdictOf(check, now)));
  return {
    board: formatCount(instance.tasks_open + instance.tasks_done),
    receipts: formatCount(instance.receipts),
    agents: formatCount(instance.agents),
    ...(doctor === null ? {} : { doctor: `${doctor.green}/${doctor.all}` }),
  };
}

/** The seven main views. */
export async function Nav({ context: { profile, to }, current, instance }: NavProps) {
  const counts = await readCounts(instance);
  const items: readonly Place[] = PLACES.filter((item) => item.key === item.nav);
  return (
    <nav className="nav" aria-label="Views" data-live="nav">
      <ul>
        {items
          .filter((item) => isShown(profile, item))
          .map(({ key, path, word }) => {
            const count = counts[key];
            return (
              <li key={key}>
                <a href={to(path)} aria-current={key === current ? "page" : undefined}>
                  {word}
                  {count !== undefined && <span className="m">{count}</span>}
                </a>
              </li>
            );
          })}
      </ul>
    </nav>
  );
}

export interface TabsProps {
  readonly context: PageContext;
  readonly current: string;
  readonly nav: NavKey;
}

/** Views that belong together, beside the page's title. */
export function Tabs({ context: { profile, to }, current, nav }: TabsProps) {
  const shown = siblings(nav).filter((item) => isShown(profile, item));
  if (shown.length < 2) return null;
  return (
    <nav className="tabs" aria-label="Related views">
      <ul>
        {shown.map(({ key, path, word }) => (
          <li key={key}>
            <a href={to(path)} aria-current={key === current ? "page" : undefined}>
              {word}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Every view, at the end of every page. */
export function FootNav({ context: { profile, to } }: { readonly context: PageContext }) {
  return (
    <nav className="foot-nav" aria-label="All views">
      <ul>
        {PLACES.filter((item) => isShown(profile, item)).map(({ key, path, word }) => (
          <li key={key}>
            <a href={to(path)}>{word}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
