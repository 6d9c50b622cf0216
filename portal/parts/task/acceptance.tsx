import type { Task } from "../../data/task.ts";
import type { StateLook } from "../../view/states.ts";
import { Empty, Entry } from "../entry.tsx";
import { State } from "../glyph.tsx";

const PROVEN: StateLook = { glyph: "verified", tone: "verified", word: "verified" };
const OPEN: StateLook = { glyph: "ready", tone: "ready", word: "not proven" };

/** What must hold. A verdict judges all items together, so they become proven together. */
export function AcceptanceEntry({ task }: { readonly task: Task }) {
  const look = task.status === "done" ? PROVEN : OPEN;
  const count = task.acceptance.length;
  return (
    <Entry title="Acceptance" note={count === 0 ? "none" : `${task.status === "done" ? count : 0} of ${count}`}>
      {count === 0 ? (
        <Empty fact="No acceptance is written." next="Without one the task cannot become ready." />
      ) : (
        <ul className="acc">
          {task.acceptance.map(({ id, text, check }) => (
            <li key={id + text}>
              <State look={look} />
              <span>
                {text}
                {check === undefined ? null : (
                  <>
                    {" "}
                    <code>{check}</code>
                  </>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Entry>
  );
}
