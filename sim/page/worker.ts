// SPDX-License-Identifier: Apache-2.0

/** The scene in a module Worker: firmware, world and crypto are here, and nothing of the page. */
import { BigIntCrypto } from "./crypto/crypto.js";
import type { ToScene } from "./messages.js";
import { SceneRun } from "./run.js";

const run = new SceneRun({ crypto: new BigIntCrypto(), send: (news) => self.postMessage(news) });
self.onmessage = ({ data }: MessageEvent<ToScene>) => run.hear(data);
