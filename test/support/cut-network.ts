/** A network namespace with nothing but its own loopback, in which commands run one after the other. Root only. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";

export interface CutNetwork {
  /** Runs a command there to its end, with this environment and no other. Rejects past its time. */
  run(
    argv: readonly [string, ...string[]],
    environment: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<Ran>;
  /** The namespace is gone with its last process. */
  end(): void;
}

interface Ran {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export async function cutNetwork(): Promise<CutNetwork> {
  // Stays until its input ends, so that it cannot outlive the test.
  const holder = spawn("unshare", ["--net", "sh", "-c", "ip link set lo up && echo cut && cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  return {
    async run([file, ...rest], environment, timeoutMs) {
      const argv = ["--target", String(holder.pid), "--net", "--", file, ...rest];
      const child = spawn("nsenter", argv, { env: environment, stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
      await once(child, "close");
      const [stdout, stderr] = [Buffer.concat(out).toString("utf8"), Buffer.concat(err).toString("utf8")];
      if (child.signalCode !== null) throw new Error(`${file} was ended by ${child.signalCode}.\n${stdout}${stderr}`);
      return { exit: child.exitCode, stdout, stderr };
    },
    end: () => holder.stdin.end(),
  };
}

/** Why no namespace can be made here; null when one can. */
export function whyNotCut(): string | null {
  if (process.getuid?.() !== 0) return "only root can cut the network";
  try {
    execFileSync("unshare", ["--net", "ip", "link", "set", "lo", "up"], { stdio: "pipe" });
    return null;
  } catch {
    return "this machine makes no network namespace (unshare, ip)";
  }
}
