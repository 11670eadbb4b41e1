/* What the layering lint must refuse: a rule that knows the store, and a rule that knows the network. */
#include "io/store.h"
#include <curl/curl.h>
