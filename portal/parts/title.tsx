import type { ReactNode } from "react";
import type { PageContext } from "../page-context.ts";
import type { NavKey } from "../view/places.ts";
import { Tabs } from "./nav.tsx";

export interface TitleProps {
  readonly context: PageContext;
  readonly nav: NavKey;
  readonly current: string;
  readonly title: string;
  readonly children?: ReactNode;
}

/** The head of a sheet: title, what it is for, and the views beside it. */
export function SheetTitle({ context, nav, current, title, children }: TitleProps) {
  return (
    <section className="entry say plain">
      <div className="marg" />
      <div className="body">
        <div className="bar">
          <h1 className="voice v28">{title}</h1>
          <Tabs context={context} nav={nav} current={current} />
        </div>
        {children !== undefined && <p className="sub16">{children}</p>}
      </div>
    </section>
  );
}

/** The head of a wide page: title, views beside it, filters, and how much is shown. */
export function WideTitle({ context, nav, current, title, children }: TitleProps) {
  return (
    <div className="bar">
      <h1 className="voice v28">{title}</h1>
      <Tabs context={context} nav={nav} current={current} />
      {children}
    </div>
  );
}
