/**
 * Another filter, page or range of the view that is open is fetched and put in place of what is shown: the same address and history, without
 * loading scripts and styles anew. Whatever is not so (another view, a page of the past, an answer that is no such page) is left to the browser.
 */
import { applyRegions, type RegionTexts } from "./regions.ts";

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
  let asked = new AbortController();

  const go = async (target: URL, isBack: boolean): Promise<void> => {
    asked.abort();
    asked = new AbortController();
    document.documentElement.dataset["travelling"] = "on";
    const page = await fetchPage(target, asked.signal);
    if (page === "overtaken") return;
    delete document.documentElement.dataset["travelling"];
    if (page === null || !hasSameRegions(page.regions)) {
      if (isBack) location.reload();
      else location.assign(target);
      return;
    }
    if (!isBack) history.pushState(null, "", target);
    shown = hereOf(target);
    applyRegions(page.regions, { keepsOpen: false });
    if (!isBack) scrollTo({ top: 0, behavior: "instant" });
    arrive(page);
    dispatchEvent(new CustomEvent(TRAVELLED, { detail: page.title }));
  };

  addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (link === null || !isPlain || event.defaultPrevented || link.target !== "" || link.hasAttribute("download"))
      return;
    const target = new URL(link.href);
    if (!isWithinView(shown, target)) return;
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

type Page = Arrival & { readonly regions: RegionTexts };

/** Null: no page of ours that is kept live, or no answer: the browser shall ask, and show what it gets. */
async function fetchPage(target: URL, signal: AbortSignal): Promise<Page | "overtaken" | null> {
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
      regions: Object.fromEntries(outermostRegions(page).map((region) => [keyOf(region), region.outerHTML])),
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

function hasSameRegions(regions: RegionTexts): boolean {
  const keys = outermostRegions(document).map(keyOf);
  return keys.length === Object.keys(regions).length && keys.every((key) => key in regions);
}
