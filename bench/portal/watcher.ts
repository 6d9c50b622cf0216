/** A watcher without a browser: one stream, what it heard, and when. */
import http from "node:http";

export interface Heard {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
  /** ms since 1970 */
  readonly at: number;
}

export interface PlainWatcher {
  readonly heard: Heard[];
  leave(): void;
}

/** Streams that nobody has left yet. */
const open = new Set<http.ClientRequest>();

/** Ends every stream that is still open: those of a part that broke in the middle. */
export function leaveStreams(): void {
  for (const request of open) request.destroy();
}

/** Resolves when the stream has said hello. `keep`: which messages are remembered; many watchers remember little. */
export function joinStream(
  url: string,
  query: Readonly<Record<string, string>>,
  keep: (event: string) => boolean,
): Promise<PlainWatcher> {
  return new Promise((resolve, reject) => {
    const heard: Heard[] = [];
    const request = http.get(
      `${url}/api/stream?${new URLSearchParams(query).toString()}`,
      { agent: false },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
          for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
            const block = text.slice(0, end);
            text = text.slice(end + 2);
            const event = /^event: (.+)$/m.exec(block)?.[1] ?? "";
            if (keep(event)) {
              heard.push({
                event,
                id: /^id: (.+)$/m.exec(block)?.[1] ?? null,
                data: /^data: (.+)$/m.exec(block)?.[1] ?? "",
                at: Date.now(),
              });
            }
            if (event === "hello") resolve({ heard, leave: () => request.destroy() });
          }
        });
        response.on("error", () => undefined);
      },
    );
    open.add(request);
    request.on("close", () => open.delete(request));
    request.on("error", reject);
  });
}
