"use client";

import { useEffect, useId, useRef, useState } from "react";
import { KEYS } from "../view/keys.ts";
import { type Choice, choicesFor } from "../view/palette-choices.ts";
import { PLACES } from "../view/places.ts";
import { withChoices } from "./go.ts";
import { areSingleKeysOn, setSingleKeys } from "./setting.ts";

export interface PaletteProps {
  readonly view: "menu" | "keys";
  /** Keys of views that this portal does not have. */
  readonly hidden: readonly string[];
  readonly onClose: () => void;
}

/** A modal dialog of the browser's own: it holds the focus, closes on Esc, and gives the focus back. */
export function Palette({ view, hidden, onClose }: PaletteProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className="palette" onClose={onClose} aria-label={view === "menu" ? "Find" : "Keys"}>
      {view === "menu" ? <Menu hidden={hidden} /> : <Sheet hidden={hidden} />}
      <form method="dialog">
        <button className="btn" type="submit">
          Close <kbd>Esc</kbd>
        </button>
      </form>
    </dialog>
  );
}

type Hidden = Pick<PaletteProps, "hidden">;

function Menu({ hidden }: Hidden) {
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const choices = choicesFor(words, hidden);
  const chosen = choices[Math.min(at, choices.length - 1)];
  const open = (choice: Choice | undefined) => {
    if (choice !== undefined) location.assign(withChoices(choice.path, location.search));
  };
  return (
    <>
      <input
        type="text"
        role="combobox"
        aria-label="View, task number, receipt or words"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={chosen === undefined ? undefined : `${list}-${choices.indexOf(chosen)}`}
        placeholder="View, #65, r-3, or words"
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (step !== 0) {
            event.preventDefault();
            setAt((Math.min(at, choices.length - 1) + step + choices.length) % choices.length);
          }
          if (event.key === "Enter") {
            event.preventDefault();
            open(chosen);
          }
        }}
      />
      <div role="listbox" id={list} aria-label="Where to go" className="choices">
        {choices.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above holds the keys
          <div
            key={choice.path}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={choice === chosen}
            onClick={() => open(choice)}
          >
            <b>{choice.word}</b> <span className="soft">{choice.says}</span>
          </div>
        ))}
      </div>
    </>
  );
}

function Sheet({ hidden }: Hidden) {
  const [isOn, setIsOn] = useState(areSingleKeysOn);
  return (
    <>
      <h2 className="voice v28">Keys</h2>
      <dl className="gloss keys">
        {KEYS.map(({ keys, says }) => (
          <div key={says}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
        {PLACES.filter(({ key, letter }) => letter !== "?" && !hidden.includes(key)).map(({ key, letter, word }) => (
          <div key={key}>
            <dt>
              <kbd>g</kbd> <kbd>{letter}</kbd>
            </dt>
            <dd>{word}</dd>
          </div>
        ))}
      </dl>
      <label className="switch">
        <input
          type="checkbox"
          checked={isOn}
          onChange={(event) => {
            setIsOn(event.target.checked);
            setSingleKeys(event.target.checked);
          }}
        />{" "}
        Single keys are on. <span className="soft">Ctrl K works always.</span>
      </label>
    </>
  );
}
