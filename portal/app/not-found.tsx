import { pageContext } from "../page-context.ts";
import { Frame } from "../parts/frame.tsx";

export default async function NotFound() {
  const context = await pageContext();
  return (
    <Frame
      context={context}
      current={null}
      instance={null}
      path="/"
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
