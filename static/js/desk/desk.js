// The desk's scripts. Every page works without them.
import { announce } from "./announce.js";
import { bulk } from "./bulk.js";
import { claiming } from "./claiming.js";
import { copying } from "./copy.js";
import { deciding } from "./deciding.js";
import { dialogs } from "./dialogs.js";
import { filling } from "./filling.js";
import { finding } from "./finding.js";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { looking } from "./looking.js";
import { menus } from "./menus.js";
import { merging } from "./merging.js";
import { once } from "./once.js";

deciding(document); // before `once`: what it sends does not count there
once(document);
filling(document);
menus(document);
merging(document);
dialogs(document);
copying(document);
looking(document);
bulk(document);
finding(document);
claiming(document); // before `keys`, which makes a row the current one
keys(document);
live(document);
announce(document);
