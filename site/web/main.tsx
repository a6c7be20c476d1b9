// SPDX-License-Identifier: Apache-2.0

import { render } from "preact";
import { followLinks } from "./router.js";
import { Shell } from "./shell.js";

followLinks();
render(<Shell />, document.body);
