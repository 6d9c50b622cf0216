import { headers } from "next/headers";
import { type InstanceTotals, readInstance } from "../data/instance.ts";
import { serveFacts } from "../data/serve.ts";
import { readSnapshot } from "../data/snapshot.ts";
import { type PageContext, pageContext } from "../page-context.ts";
import { Frame } from "../parts/frame.tsx";
import { PAGE_HEADER } from "../request-headers.ts";
import { replayPath } from "../view/links.ts";

export default async function NotFound() {
  const context = await pageContext();
  return (
    <Frame
      context={context}
      current={null}
      instance={await pastOf(context)}
      path={replayPath((await headers()).get(PAGE_HEADER) ?? "/", null, null)}
      shape="sheet"
      rail={null}
      railLabel="Nothing to total"
    >
      <title>Not found</title>
      <section className="entry say">
        <div className="marg">
          <p className="m date">404</p>
        </div>
        <div className="body">
          <h1 className="voice">There is no such page, task or receipt.</h1>
          <p className="sub16">
            A number may be wrong, or the row belongs to a project that is not shown.{" "}
            {context.at !== null && "It may also not have been there yet at the instant of this replay. "}
            <a href={context.to("/board")}>The board</a> lists what there is.
          </p>
        </div>
      </section>
    </Frame>
  );
}

/** The totals of a replay, whose bar leads back to where the row is; now, a page that does not exist asks the board nothing. */
async function pastOf(context: PageContext): Promise<InstanceTotals | null> {
  if (context.at === null) return null;
  const served = await serveFacts(() => readSnapshot(readInstance));
  return "facts" in served ? served.facts : null;
}
