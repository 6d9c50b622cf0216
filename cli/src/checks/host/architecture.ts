import { machine } from "node:os";
import { type Check, type Finding, fail, pass } from "../check.ts";

/** Node's name for each kernel machine that we ship runtimes for. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "x64", aarch64: "arm64" };

/** HOST-03. A Node of another architecture than the kernel runs emulated, and would install emulated runtimes. */
export const hostArchitecture: Check = {
  id: "HOST-03",
  title: "The machine is x86-64 or arm64, and Node runs on it natively",
  severity: "error",
  dependsOn: [],
  timeoutMs: 1_000,
  probe: async () => judgeArchitecture(machine(), process.arch),
  fix: { summary: "install a Node built for this machine, or remove ELK_OS_NODE" },
};

/** `kernel` as uname says it, `node` as Node says it. */
export function judgeArchitecture(kernel: string, node: string): Finding {
  const native = ARCHITECTURES[kernel];
  return native === node
    ? pass(`${kernel}, node ${node}`)
    : fail(`kernel ${kernel}, node ${node}`, {
        expected: native ?? Object.keys(ARCHITECTURES).join(" or "),
        actual: node,
      });
}
