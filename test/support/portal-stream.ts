/** Readers of the portal's live stream, without a browser. */

export interface StreamMessage {
  readonly event: string;
  readonly id: string | null;
  readonly data: { readonly id: number }[] & {
    readonly reason?: string;
    readonly regions?: Readonly<Record<string, string>>;
    readonly now?: number;
    readonly state?: string;
    readonly leases?: readonly (readonly number[])[];
  };
}

export interface StreamWatcher {
  /** What it has heard so far. */
  readonly heard: StreamMessage[];
  readonly named: (event: string) => StreamMessage[];
  readonly leave: () => void;
}

const open: AbortController[] = [];

/**
 * One reader more.
 * @param getStream the route `GET /api/stream`
 * @param query of the address: `view=/board`
 * @param lastEventId the cursor after which it resumes; undefined: from now on
 */
export function watchStream(
  getStream: (request: Request) => Response,
  { query = "", lastEventId }: { readonly query?: string; readonly lastEventId?: string | undefined } = {},
): StreamWatcher {
  const controller = new AbortController();
  open.push(controller);
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  const { signal } = controller;
  const answer = getStream(new Request(`http://127.0.0.1/api/stream?${query}`, { headers, signal }));
  const heard: StreamMessage[] = [];
  void listen(answer, heard);
  return {
    heard,
    named: (name) => heard.filter(({ event }) => event === name),
    leave: () => controller.abort(),
  };
}

/** Ends every reader that is still there. */
export function leaveStreams(): void {
  for (const controller of open.splice(0)) controller.abort();
}

async function listen(answer: Response, heard: StreamMessage[]): Promise<void> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) =>
        block
          .split("\n")
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2) ?? null;
      const data = field("data");
      if (data !== null) heard.push({ event: field("event") ?? "", id: field("id"), data: JSON.parse(data) });
    }
  }
}
