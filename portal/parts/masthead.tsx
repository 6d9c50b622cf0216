import type { InstanceTotals } from "../data/instance.ts";
import type { PageContext } from "../page-context.ts";
import type { NavKey } from "../view/places.ts";
import { Freshness, type FreshnessProps } from "./freshness.tsx";
import { Glyph } from "./glyph.tsx";
import { Nav } from "./nav.tsx";

export interface MastheadProps {
  readonly context: PageContext;
  readonly current: NavKey | null;
  /** Null: the board cannot be read, or the page does not ask it. */
  readonly instance: InstanceTotals | null;
  /** Path and query of this page without a theme, so that the other theme is one link away. */
  readonly path: string;
}

export function Masthead({ context, current, instance, path }: MastheadProps) {
  const { profile, to } = context;
  return (
    <header className="mast">
      <a className="brand" href={to("/")} data-live="brand">
        <svg className="mark" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M2 21v-5h5v5Z M9 21V11h5v10Z" fill="currentColor" />
          <path
            className={instance !== null && instance.live_leases > 0 ? "mark-top" : "mark-top is-hollow"}
            d="M16.7 20.3V5.7h4.6v14.6Z"
          />
        </svg>
        <span>
          <span className="word">{profile.brand.name}</span>
          <span className="org">{profile.brand.org}</span>
        </span>
      </a>
      <Nav context={context} current={current} instance={instance} />
      <div className="tools">
        {/* Opens the menu of commands; without a script, the list of every task with its search. */}
        <a className="find" href={to("/list")} aria-label="Find" data-find="">
          <Glyph name="search" />
          <span>Find</span>
          <kbd>/</kbd>
        </a>
        {instance !== null && context.at === null && (
          <Freshness {...freshnessOf(instance)} path={path} theme={context.theme} />
        )}
        <ThemeSwitch context={context} path={context.at === null ? path : pathAt(path, context.at)} />
      </div>
    </header>
  );
}

function freshnessOf(instance: InstanceTotals): Omit<FreshnessProps, "path" | "theme"> {
  const { last_event_id: id, last_event_at: at, last_event_hash: hash } = instance;
  return {
    readAt: instance.server_now,
    lastEvent: id === null || at === null ? null : { id, at, hash },
    events: instance.events,
    incarnation: instance.incarnation,
  };
}

function pathAt(path: string, at: string): string {
  return `${path}${path.includes("?") ? "&" : "?"}at=${encodeURIComponent(at)}`;
}

/** Links, not a script: each choice is an address that can be shared. */
function ThemeSwitch({ context, path }: { readonly context: PageContext; readonly path: string }) {
  const joint = path.includes("?") ? "&" : "?";
  const choices = [
    { theme: null, word: "System", href: path },
    { theme: "paper", word: "Paper", href: `${path}${joint}theme=paper` },
    { theme: "console", word: "Console", href: `${path}${joint}theme=console` },
  ] as const;
  return (
    <details className="menu" name="tools">
      <summary className="icon" aria-label="Theme">
        <Glyph name="theme" />
      </summary>
      <ul className="menu-pop">
        {choices.map(({ theme, word, href }) => (
          <li key={word}>
            <a href={href} aria-current={theme === context.theme ? "true" : undefined}>
              {word}
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}
