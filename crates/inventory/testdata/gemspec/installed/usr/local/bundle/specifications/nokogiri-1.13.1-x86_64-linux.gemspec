# -*- encoding: utf-8 -*-
# stub: nokogiri 1.13.1 x86_64-linux lib
