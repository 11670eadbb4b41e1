/* What the layering lint must refuse: the command line tool looking past the wire. */
#include "core/plan.h"
