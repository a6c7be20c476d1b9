// SPDX-License-Identifier: Apache-2.0

import { render } from "preact";
import { followLinks } from "../router.js";
import { App } from "./app.js";
import { keepAsking, load } from "./held.js";

/** What the worker keeps for both, so that the page opens off line by its own address, and by the link that it was installed from. */
const SCOPES = ["/phone/", "/i/"];

followLinks(/^\/(phone|i)\//);
render(<App />, document.body);
await load();
keepAsking();
if ("serviceWorker" in navigator)
	for (const scope of SCOPES) await navigator.serviceWorker.register("/phone/sw.js", { scope });
