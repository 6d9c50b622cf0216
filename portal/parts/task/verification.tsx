import type { CheckLine, Task, Verification } from "../../data/task.ts";
import { verdictAnchor } from "../../view/anchors.ts";
import { plural, shortHash } from "../../view/numbers.ts";
import { verdictLook } from "../../view/states.ts";
import { Commit } from "../commit.tsx";
import { Empty, Entry } from "../entry.tsx";
import { State } from "../glyph.tsx";
import { Moment } from "../moment.tsx";
import { Who } from "../who.tsx";

export interface VerificationEntryProps {
  readonly task: Task;
  readonly verifications: readonly Verification[];
  readonly now: Date;
}

/** Verdicts with their evidence: who judged whose work, by which checks, at which commit. */
export function VerificationEntry({ task, verifications, now }: VerificationEntryProps) {
  if (verifications.length === 0 && task.submitted_at === null && task.status !== "done") return null;
  return (
    <Entry
      title="Verification"
      note={verifications.length === 0 ? "none yet" : plural(verifications.length, "verdict")}
    >
      {verifications.length === 0 ? (
        <Empty fact="No verdict yet." next="A task is done only when somebody other than its author has proven it." />
      ) : (
        <ol className="verdicts">
          {verifications.map((verification) => (
            <Verdict key={verification.epoch} verification={verification} repository={task.repository_url} now={now} />
          ))}
        </ol>
      )}
    </Entry>
  );
}

interface VerdictProps {
  readonly verification: Verification;
  readonly repository: string | null;
  readonly now: Date;
}

function Verdict({ verification: it, repository, now }: VerdictProps) {
  return (
    <li id={verdictAnchor(it.epoch)}>
      <p className="vs">
        <State look={verdictLook(it.verdict)} />
        <a href={`#${verdictAnchor(it.epoch)}`}>
          <Moment at={it.created_at} now={now} />
        </a>
        <span>
          author{" "}
          <span className="m">
            <Who name={it.author} family={it.author_family} />
          </span>
        </span>
        <span>
          verifier{" "}
          <span className="m">
            <Who name={it.agent} family={it.model_family} />
          </span>
        </span>
        <span className="soft">{familyWords(it)}</span>
        {it.commit_sha !== null && (
          <span className="soft">
            at{" "}
            <span className="m">
              <Commit commit={it.commit_sha} repository={repository} />
            </span>
          </span>
        )}
      </p>
      {it.evidence === null ? (
        <p className="soft">Its evidence and checks are not shown to strangers.</p>
      ) : (
        <p className="prose evidence">{it.evidence}</p>
      )}
      {it.checks.length > 0 && <Checks checks={it.checks} />}
    </li>
  );
}

function familyWords({ author_family: author, model_family: verifier }: Verification): string {
  if (author === null || verifier === null) return "";
  return author === verifier ? "same family" : "another family";
}

function Checks({ checks }: { readonly checks: readonly CheckLine[] }) {
  return (
    <div className="tw">
      <table className="ledger">
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col" className="r">
              Exit
            </th>
            <th scope="col" className="r">
              Log
            </th>
          </tr>
        </thead>
        <tbody>
          {checks.map((check) => (
            <tr key={check.command}>
              <td>
                <State
                  look={verdictLook(
                    check.exit_code === null ? "inconclusive" : check.exit_code === 0 ? "pass" : "fail",
                  )}
                />{" "}
                <code>{check.command}</code>
              </td>
              <td className="m r">{check.exit_code ?? "–"}</td>
              <td className="m r soft" title={check.log_sha256 ?? undefined}>
                {shortHash(check.log_sha256)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
