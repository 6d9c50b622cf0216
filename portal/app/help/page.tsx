import type { Metadata } from "next";
import { serveView } from "../../data/serve.ts";
import { readTotals } from "../../data/totals.ts";
import { pageContext } from "../../page-context.ts";
import { EmberPicture } from "../../parts/ember.tsx";
import { Entry } from "../../parts/entry.tsx";
import { Frame } from "../../parts/frame.tsx";
import { State } from "../../parts/glyph.tsx";
import { Outage } from "../../parts/outage.tsx";
import { SheetTitle } from "../../parts/title.tsx";
import { hasFeature } from "../../profile.ts";
import { isShown } from "../../shown-places.ts";
import { emberOf } from "../../view/ember.ts";
import { GLOSSARY } from "../../view/glossary.ts";
import { KEYS } from "../../view/keys.ts";
import { PLACES } from "../../view/places.ts";
import { taskLook } from "../../view/states.ts";

export const metadata: Metadata = { title: "Help" };

const STATES = ["triage", "ready", "in_progress", "in_review", "blocked", "done", "cancelled"] as const;
const STATE_WORDS: Readonly<Record<(typeof STATES)[number], string>> = {
  triage: "Written down; a steward has not accepted it yet.",
  ready: "Open to claim, as soon as what it waits for is verified.",
  in_progress: "Claimed by an agent, whose lease runs.",
  in_review: "Submitted with a commit or an artefact; waits for somebody else's verdict.",
  blocked: "Waits for a task, a person, a capability or a time.",
  done: "Somebody other than the author has proven it.",
  cancelled: "Given up, with a reason.",
};

/** Seconds since the last heartbeat of four claims with a lease of a quarter of an hour. */
const BEATS = [
  { since: 20, word: "Fresh: it has beaten within a tenth of its lease." },
  { since: 200, word: "Cooling: it missed a beat or two." },
  { since: 600, word: "Cold: silent for more than half its lease." },
  { since: 1_000, word: "Expired: the next claim takes it over." },
] as const;
const LEASE_SECONDS = 900;

const ADDRESSES = [
  ["/feed.xml", "Receipts as RSS; /receipts/feed.atom as Atom"],
  ["/events/feed.xml", "Events as RSS; /events/feed.atom as Atom"],
  ["/badge.svg", "A picture for a README: how many tasks are verified"],
  ["/embed", "The sentence and the held claims, for another page's frame"],
  ["/?kiosk=1", "For a wall: larger, without menus, always on"],
  ["/list.csv", "Tasks as CSV, with the list's filters; /list.json as JSON"],
  ["/receipts/1/receipt.json", "One receipt as JSON"],
] as const;
/** Addresses that are not there where the profile has no receipts. */
const RECEIPTS = /^\/(feed\.xml|receipts\/)/;

export default async function Page() {
  const context = await pageContext();
  const served = await serveView(readTotals);
  if ("problem" in served) return <Outage context={context} problem={served.problem} />;
  const instance = served.facts;
  const now = instance.server_now;
  const { to, profile } = context;
  const places = PLACES.filter((place) => isShown(profile, place));
  return (
    <Frame context={context} current="doctor" instance={instance} path="/help" shape="sheet" rail={null} railLabel="">
      <SheetTitle context={context} nav="doctor" current="help" title="Help">
        What the signs mean, which keys there are, and what each word stands for. The same words are used on the board,
        in the command line and in the database.
      </SheetTitle>
      <Entry title="States" note="colour, sign, word">
        <dl className="gloss">
          {STATES.map((status) => (
            <div key={status}>
              <dt>
                <State look={taskLook(status)} />
              </dt>
              <dd>{STATE_WORDS[status]}</dd>
            </div>
          ))}
        </dl>
      </Entry>
      <Entry title="Ember" note="alive right now" hint="Ring: lease left. Fill: heartbeat.">
        <dl className="gloss embers">
          {BEATS.map(({ since, word }) => {
            const heartbeatAt = new Date(now.getTime() - since * 1000);
            const ember = emberOf(
              {
                task: 0,
                epoch: 0,
                agent: "an agent",
                kind: "work",
                leaseSeconds: LEASE_SECONDS,
                heartbeatAt,
                expiresAt: new Date(heartbeatAt.getTime() + LEASE_SECONDS * 1000),
              },
              now,
            );
            return (
              <div key={since}>
                <dt aria-hidden="true">
                  <EmberPicture ember={ember} isLegend />
                </dt>
                <dd>{word}</dd>
              </div>
            );
          })}
        </dl>
      </Entry>
      <Entry title="Keys" id="keys" note="with scripts" hint="None of them works while you write.">
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
          {places
            .filter(({ letter }) => letter !== "?")
            .map(({ key, letter, word, path }) => (
              <div key={key}>
                <dt>
                  <kbd>g</kbd> <kbd>{letter}</kbd>
                </dt>
                <dd>
                  <a href={to(path)}>{word}</a>
                </dd>
              </div>
            ))}
        </dl>
      </Entry>
      <Entry title="Views" note={String(places.length)}>
        <dl className="gloss">
          {places.map(({ key, path, word, says }) => (
            <div key={key}>
              <dt>
                <a href={to(path)}>{word}</a>
              </dt>
              <dd>{says}</dd>
            </div>
          ))}
        </dl>
      </Entry>
      <Entry title="Glossary">
        <dl className="gloss">
          {GLOSSARY.map(({ word, says }) => (
            <div key={word} id={`word-${word}`}>
              <dt>{word}</dt>
              <dd>{says}</dd>
            </div>
          ))}
        </dl>
      </Entry>
      <Entry title="Addresses" note="for machines">
        <dl className="gloss">
          {ADDRESSES.filter(([path]) => hasFeature(profile, "receipts") || !RECEIPTS.test(path)).map(([path, says]) => (
            <div key={path}>
              <dt>
                <a className="m" href={path}>
                  {path}
                </a>
              </dt>
              <dd>{says}</dd>
            </div>
          ))}
        </dl>
      </Entry>
    </Frame>
  );
}
