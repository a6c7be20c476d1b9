// SPDX-License-Identifier: Apache-2.0

import { setupDone } from "../setup/routes.js";
import { web } from "../web.js";
import { account } from "./account.js";
import { administrators } from "./administrators.js";
import { alarms } from "./alarms.js";
import type { Api } from "./app.js";
import { audit } from "./audit.js";
import { commands } from "./commands.js";
import { credentials } from "./credentials.js";
import { doors } from "./doors.js";
import { events } from "./events.js";
import { forks } from "./forks.js";
import { health, healthz } from "./health.js";
import { invitations } from "./invitations.js";
import { keys } from "./keys.js";
import { log } from "./log.js";
import { logExport } from "./log-export.js";
import { me } from "./me.js";
import { messageSettings } from "./message-settings.js";
import { metrics } from "./metrics.js";
import { passes } from "./passes.js";
import { phone } from "./phone.js";
import { plan } from "./plan.js";
import { privacy } from "./privacy.js";
import { registration } from "./registration.js";
import { settings } from "./settings.js";
import { signIn } from "./sign-in.js";
import type { Site } from "./site.js";
import { siteSettings } from "./site-settings.js";
import { smsStatus } from "./sms-status.js";
import { start } from "./start.js";
import { tokens } from "./tokens.js";
import { trust } from "./trust.js";
import { users } from "./users.js";
import { usersCsv } from "./users-csv.js";

export const ROUTES: readonly ((api: Api, site: Site) => void)[] = Object.freeze([
	trust,
	keys,
	doors,
	settings,
	registration,
	forks,
	commands,
	users,
	usersCsv,
	plan,
	log,
	logExport,
	alarms,
	tokens,
	events,
	healthz,
	health,
	metrics,
	web,
	me,
	signIn,
	start,
	account,
	administrators,
	audit,
	privacy,
	invitations,
	messageSettings,
	phone,
	setupDone,
	smsStatus,
	passes,
	siteSettings,
	credentials,
]);
