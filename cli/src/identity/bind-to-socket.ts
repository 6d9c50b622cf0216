import type { IdentityService } from "@muster/board/identity";
import type { Listener } from "../host/sockets.ts";
import type { IdentityProbe } from "./probe-identity.ts";

/** What a process of ours that answers 404 to the identity question is without. */
const IDENTITY_ROUTE_OF: Readonly<Record<IdentityService, string>> = {
  directus: "the extension is not loaded",
  rag: "it runs without the identity route",
  portal: "it runs without the identity route",
};

/**
 * The second proof, judged: who owns the socket that the answer came from. A signature from a process that is not recorded is a relay
 * (IMPOSTOR), or a process of ours that outlived its record (ZOMBIE). An unsigned answer is a stranger's (IMPOSTOR), unless the
 * recorded process alone owns the port: then it is ours and cannot prove it (UNREACHABLE).
 */
export function bindToSocket(
  probe: IdentityProbe,
  service: IdentityService,
  listeners: readonly Listener[],
  recordedPid: number | null,
): IdentityProbe {
  const owners = listeners.flatMap((listener) => listener.owners);
  const holder = owners[0];
  if (probe.answer === null) {
    if (probe.unsigned !== null && recordedPid !== null && isOnlyHolder(listeners, recordedPid)) {
      const why = probe.unsigned === 404 ? `: ${IDENTITY_ROUTE_OF[service]}` : "";
      return {
        ...probe,
        verdict: "UNREACHABLE",
        evidence: `${probe.evidence}; held by our own pid ${recordedPid}, which answers and cannot prove itself${why}`,
      };
    }
    if (holder === undefined) return probe;
    const name = holder.exe ?? holder.argv[0] ?? "";
    return { ...probe, evidence: `${probe.evidence}; held by pid ${holder.pid} ${name}`.trimEnd() };
  }
  if (recordedPid !== null && owners.some((owner) => owner.pid === recordedPid)) {
    return { ...probe, evidence: `${probe.evidence}, pid ${recordedPid}` };
  }
  if (holder === undefined)
    return {
      ...probe,
      verdict: "ZOMBIE",
      evidence: `${probe.evidence}, but nobody is seen to own the socket`,
      answer: null,
    };
  return {
    ...probe,
    verdict: recordedPid === null ? "ZOMBIE" : "IMPOSTOR",
    evidence: `${probe.evidence}, but pid ${holder.pid} ${holder.exe ?? ""} owns the socket, not ${recordedPid === null ? "any recorded process" : `pid ${recordedPid}`}`,
    answer: null,
  };
}

/** Every listener on the port, on every address: a stranger on 127.0.0.1 answers before ours on 0.0.0.0. */
function isOnlyHolder(listeners: readonly Listener[], pid: number): boolean {
  return listeners.length > 0 && listeners.every(({ owners }) => owners.some((owner) => owner.pid === pid));
}
