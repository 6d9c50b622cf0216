"use client";

import { type ComponentType, useEffect, useRef, useState } from "react";
import { TRAVELLED } from "../live/client/travel.ts";
import { copyFromPage } from "./copy.ts";
import type { PaletteProps } from "./palette.tsx";
import { nextProblem, stepColumn, stepRow } from "./rows.ts";
import { areSingleKeysOn } from "./setting.ts";

interface Opening {
  readonly view: PaletteProps["view"];
  /** A dialog tells that it closed after it did: by then a key may have opened the next one, which must stay. */
  readonly nth: number;
}

/** Keys of the whole site. The menu and the sheet are loaded when they are first asked for. */
export function Keyboard({ hidden }: Pick<PaletteProps, "hidden">) {
  const [open, setOpen] = useState<Opening | null>(null);
  const [words, setWords] = useState("");
  const [isBroken, setIsBroken] = useState(false);
  const [Palette, setPalette] = useState<ComponentType<PaletteProps> | null>(null);
  const leader = useRef(NEVER);
  const openings = useRef(0);

  useEffect(() => {
    document.documentElement.dataset["keys"] = "on";
    const show = (view: PaletteProps["view"]) => {
      openings.current += 1;
      setOpen({ view, nth: openings.current });
      import("./palette.tsx").then(
        (module) => {
          setIsBroken(false);
          setPalette(() => module.Palette);
        },
        () => setIsBroken(true),
      );
    };
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        show("menu");
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || !areSingleKeysOn()) return;
      if (document.querySelector("dialog[open]") !== null) return;
      const isSecond = performance.now() - leader.current < LEADER_MS;
      leader.current = NEVER;
      if (isSecond) {
        import("./go.ts").then(
          ({ goTo }) => goTo(event.key, hidden),
          () => setIsBroken(true),
        );
        return;
      }
      const act = ACTIONS[event.key];
      if (event.key === "g") leader.current = performance.now();
      else if (event.key === "?") show("keys");
      else if (event.key === "/") show("menu");
      else if (act === undefined) return;
      else act(setWords);
      event.preventDefault();
    };
    const onClick = (event: MouseEvent) => {
      if (!(event.target instanceof Element)) return;
      if (event.target.closest("[data-copies]") !== null) copyFromPage(setWords);
      if (event.target.closest("[data-find]") === null || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      show("menu");
    };
    // A page that is loaded is told by its title; one that comes into its place is not.
    const onTravel = (event: Event) => {
      if (event instanceof CustomEvent) setWords(String(event.detail));
    };
    addEventListener("keydown", onKey);
    addEventListener("click", onClick);
    addEventListener(TRAVELLED, onTravel);
    return () => {
      removeEventListener(TRAVELLED, onTravel);
      removeEventListener("keydown", onKey);
      removeEventListener("click", onClick);
    };
  }, [hidden]);

  return (
    <>
      <p className="only-sr" role="status" aria-live="polite">
        {words}
      </p>
      {isBroken && (
        <p className="no-keys" role="alert">
          This part of the page could not be loaded: the portal is away, or was replaced by another version.{" "}
          <button className="btn" type="button" onClick={() => location.reload()}>
            Load the page anew
          </button>
        </p>
      )}
      {open !== null && Palette !== null && (
        <Palette
          key={open.nth}
          view={open.view}
          hidden={hidden}
          onClose={() => setOpen((now) => (now === open ? null : now))}
        />
      )}
    </>
  );
}

/** Not zero: that is when the page was loaded, and its first key would be taken for a second one. */
const NEVER = Number.NEGATIVE_INFINITY;
/** How long the second key after `g` is waited for. */
const LEADER_MS = 1_200;

type Act = (say: (words: string) => void) => void;
const ACTIONS: Readonly<Record<string, Act>> = {
  j: () => stepRow(1),
  k: () => stepRow(-1),
  ".": (say) => {
    if (!nextProblem()) say("No problem on this page.");
  },
  c: copyFromPage,
  h: () => stepColumn(-1),
  l: () => stepColumn(1),
  f: () => document.querySelector<HTMLElement>(".facets summary, [data-focus=search]")?.focus(),
  "[": () => document.querySelector<HTMLElement>('[data-replay-key="["]')?.click(),
  "]": () => document.querySelector<HTMLElement>('[data-replay-key="]"]')?.click(),
  p: () => document.querySelector<HTMLButtonElement>(".fresh-pop button")?.click(),
};

/** Single keys belong to the text that is being written; nobody writes into a slider. A dialog that just closed may hold the focus still: nobody writes in it. */
function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement) || target.closest("dialog:not([open])") !== null) return false;
  return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=range])");
}
