// SPDX-License-Identifier: Apache-2.0

/** The scene in a module Worker: firmware, world and crypto are here, and nothing of the page. */
import { NobleCrypto } from "../../hal/crypto/js/noble.js";
import type { ToScene } from "./messages.js";
import { SceneRun } from "./run.js";

const crypto = new NobleCrypto();
const run = new SceneRun({ crypto, send: (news) => self.postMessage(news) });
/** While code comes, messages wait for it, and for each other from then on. */
let loading: Promise<void> | undefined;

self.onmessage = ({ data }: MessageEvent<ToScene>) => {
	if (data.kind === "start" && /\bsuite=[^4]/.test(data.script))
		loading ??= import("../../hal/crypto/js/nist.js").then(({ NIST }) => {
			crypto.loaded = NIST;
		});
	if (loading === undefined) run.hear(data);
	else loading.then(() => run.hear(data)).catch(reportError);
};
