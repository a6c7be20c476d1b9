// SPDX-License-Identifier: Apache-2.0

import { render } from "preact";
import { Client } from "./client.js";
import { Shell } from "./shell.js";
import { WorkerPort } from "./worker-port.js";

const { worker } = document.querySelector<HTMLScriptElement>("script[data-worker]")!.dataset;
const client = new Client(new WorkerPort(new URL(worker!, document.baseURI).href));
client.start(location.hash.slice(1));
render(<Shell client={client} />, document.body);
