/**
 * Another filter, page or range of the view that is open is fetched and put in place of what is shown: the same address and history, without
 * loading scripts and styles anew. Whatever is not so (another view, a page of the past, an answer that is no such page) is left to the browser.
 */
import { type RegionElements, replaceRegions } from "./regions.ts";

/** A page that comes sooner is not announced: the mark of it makes the browser look at the style of every element. */
const SLOW_MS = 150;

/** Said on `window` when another page of the view stands there; `detail` is its title. */
export const TRAVELLED = "muster:travelled";

export interface Arrival {
  readonly stamp: string;
  /** By which the page can be seen again; the attribute `data-at`. */
  readonly token: string;
  readonly title: string;
}

interface Here {
  readonly origin: string;
  readonly pathname: string;
  readonly search: string;
}

/** Whether a link or form leads to the view that is open, under other words of its address. Pure. */
export function isWithinView(here: Here, target: Here & { readonly hash: string }): boolean {
  const isPast = [here, target].some(({ search }) => new URLSearchParams(search).has("at"));
  const isSameDress = ["theme", "kiosk"].every(
    (name) => new URLSearchParams(here.search).get(name) === new URLSearchParams(target.search).get(name),
  );
  return (
    here.origin === target.origin &&
    here.pathname === target.pathname &&
    here.search !== target.search &&
    target.hash === "" &&
    !isPast &&
    isSameDress
  );
}

const hereOf = ({ origin, pathname, search }: Here): Here => ({ origin, pathname, search });

/** Listens for the life of the page. @param arrive called when the page is in place, before anything is painted */
export function travelWithinView(arrive: (arrival: Arrival) => void): void {
  let shown = hereOf(location);
  let slow: ReturnType<typeof setTimeout> | undefined;
  /** Where the page is on its way to. */
  let way: Question | null = null;
  /** Asked for when the button went down; the click follows, or not. */
  let early: Question | null = null;

  const go = async (target: URL, isBack: boolean): Promise<void> => {
    way?.stop();
    if (early?.href !== target.href) early?.stop();
    way = early?.href === target.href ? early : askFor(target);
    early = null;
    clearTimeout(slow);
    slow = setTimeout(() => {
      document.documentElement.dataset["travelling"] = "on";
    }, SLOW_MS);
    const page = await way.page;
    if (page === "overtaken") return;
    clearTimeout(slow);
    delete document.documentElement.dataset["travelling"];
    if (page === null || !hasSameRegions(page.regions)) {
      if (isBack) location.reload();
      else location.assign(target);
      return;
    }
    if (!isBack) history.pushState(null, "", target);
    shown = hereOf(target);
    replaceRegions(page.regions);
    if (!isBack) scrollTo({ top: 0, behavior: "instant" });
    arrive(page);
    dispatchEvent(new CustomEvent(TRAVELLED, { detail: page.title }));
  };

  const targetOf = (event: MouseEvent): URL | null => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (link === null || !isPlain || event.defaultPrevented || link.target !== "" || link.hasAttribute("download"))
      return null;
    const target = new URL(link.href);
    return isWithinView(shown, target) ? target : null;
  };
  addEventListener("pointerdown", (event) => {
    const target = event.pointerType === "mouse" ? targetOf(event) : null;
    if (target === null) return;
    early?.stop();
    early = askFor(target);
  });
  addEventListener("click", (event) => {
    const target = targetOf(event);
    if (target === null) return;
    event.preventDefault();
    void go(target, false);
  });
  addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented || form.method !== "get") return;
    const target = new URL(form.action);
    const fields = [...new FormData(form, event.submitter)].filter(
      (field): field is [string, string] => typeof field[1] === "string",
    );
    target.search = new URLSearchParams(fields).toString();
    if (!isWithinView(shown, target)) return;
    event.preventDefault();
    void go(target, false);
  });
  addEventListener("popstate", () => {
    const target = new URL(location.href);
    if (target.pathname === shown.pathname && target.search === shown.search) return;
    void go(target, true);
  });
}

type Page = Arrival & { readonly regions: RegionElements };
/** Null: no page of ours that is kept live, or no answer: the browser shall ask, and show what it gets. */
type Fetched = Page | "overtaken" | null;

interface Question {
  readonly href: string;
  readonly page: Promise<Fetched>;
  stop(): void;
}

function askFor(target: URL): Question {
  const controller = new AbortController();
  return { href: target.href, page: fetchPage(target, controller.signal), stop: () => controller.abort() };
}

async function fetchPage(target: URL, signal: AbortSignal): Promise<Fetched> {
  try {
    const answer = await fetch(target, { signal, headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const root = page.querySelector("[data-live-read]");
    const isOtherBuild = page.documentElement.dataset["build"] !== document.documentElement.dataset["build"];
    if (root === null || isOtherBuild) return null;
    return {
      stamp: root.getAttribute("data-live-read") ?? "",
      token: root.getAttribute("data-at") ?? "",
      title: page.title,
      regions: new Map(outermostRegions(page).map((region) => [keyOf(region), region])),
    };
  } catch {
    return signal.aborted ? "overtaken" : null;
  }
}

const keyOf = (region: Element) => region.getAttribute("data-live") ?? "";

function outermostRegions(page: Document): readonly Element[] {
  return [...page.querySelectorAll("[data-live]")].filter(
    (region) => region.parentElement?.closest("[data-live]") == null,
  );
}

function hasSameRegions(regions: RegionElements): boolean {
  const keys = outermostRegions(document).map(keyOf);
  return keys.length === regions.size && keys.every((key) => regions.has(key));
}
